"""The numbers of a school, a grade or a class: today, this week, the term; each leads to exactly the records behind it.

Composed in the shell, since it speaks to all apps. It reads and changes nothing (docs/rules/overview.md).
"""
