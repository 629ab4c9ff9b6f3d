"""Strongly connected parts of a directed graph (Tarjan), without recursion."""

from collections.abc import Callable, Iterable


def strong_parts(count: int, following: Callable[[int], Iterable[int]]) -> list[int]:
    """Return the number of the part of each node: two nodes share it if each can be reached from the other."""
    part, order, low = [-1] * count, [-1] * count, [0] * count
    stack: list[int] = []
    clock = parts = 0
    for root in range(count):
        if order[root] >= 0:
            continue
        work = [(root, iter(following(root)))]
        order[root] = low[root] = clock
        clock += 1
        stack.append(root)
        while work:
            node, rest = work[-1]
            for to in rest:
                if order[to] < 0:
                    order[to] = low[to] = clock
                    clock += 1
                    stack.append(to)
                    work.append((to, iter(following(to))))
                    break
                if part[to] < 0:
                    low[node] = min(low[node], order[to])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    while part[node] < 0:
                        part[stack.pop()] = parts
                    parts += 1
    return part
