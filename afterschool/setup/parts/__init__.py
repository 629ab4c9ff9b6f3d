"""A term's set-up as plain values: part by part, to copy to a new term, to keep as a file, to compare."""

from afterschool.setup.parts.catalogue import COPIED, PARTS, Part, Values

__all__ = ["COPIED", "PARTS", "Part", "Values"]
