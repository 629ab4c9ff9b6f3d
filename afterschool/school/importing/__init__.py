"""The roster of a school: from a workbook through checks and a plan into the register (requirement A1).

`reading` turns a file into text cells, `checking` turns cells into a `Roster`, `planning` compares it with the register
as it is, `writing` carries the plan out. Preview and commit run the first three alike.
"""
