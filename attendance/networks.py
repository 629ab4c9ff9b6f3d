"""The school's networks: is an address one of them? Pure."""

from ipaddress import ip_address, ip_network


def within(address: str, networks: str) -> bool:
    """Tell whether an address lies in one of the networks, a line each; what is no address lies in none."""
    try:
        where = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(where, "ipv4_mapped", None)
    return any((mapped or where) in ip_network(line, strict=False) for line in lines(networks))


def lines(networks: str) -> list[str]:
    """Return the networks as they were written, a line each."""
    return [line.strip() for line in networks.splitlines() if line.strip()]


def broken(networks: str) -> list[str]:
    """Return the lines that are no network."""
    found = []
    for line in lines(networks):
        try:
            ip_network(line, strict=False)
        except ValueError:
            found.append(line)
    return found
