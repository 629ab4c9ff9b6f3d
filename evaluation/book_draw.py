"""Which record books are looked at, drawn by lot (随机检查; requirement F4). Pure.

The lots come from a kept seed: the draw can be repeated by anybody, and a book less or more moves the others by one at most.
Books that were not looked at for long are not preferred: the plan says at random.
"""

from collections.abc import Iterable
from hashlib import sha256


def lot(seed: str, book: int) -> str:
    """Return the lot of one book."""
    return sha256(f"{seed} {book}".encode()).hexdigest()


def draw(books: Iterable[int], number: int, seed: str) -> list[int]:
    """Return so many different books, those with the lowest lots, in their order."""
    return sorted(set(books), key=lambda book: (lot(seed, book), book))[: max(0, number)]
