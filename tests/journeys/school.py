"""Another school than the demo's: two grades of three classes, groups of six at most, Fridays an hour shorter.

| class | on the roll | apply | share | so |
| --- | --- | --- | --- | --- |
| 一（1） | 8 | 8 | all | own, two parts of 4 |
| 一（2） | 6 | 3 | exactly one half | own, 3 |
| 一（3） | 7 | 2 | under one third | the only one in grade 1's pool: mixed, 2, below the smallest size of 3 |
| 二（1） | 9 | 4 | over one third | pool of 8, two groups |
| 二（2） | 8 | 3 | over one third | (no class split, 4 and 4, 2 and 3 together: distance 1) |
| 二（3） | 7 | 1 | under one third | |

In all 45 children, 21 of them served, in 6 groups.
"""

import io

from openpyxl import load_workbook

SIZES = {(1, 1): 8, (1, 2): 6, (1, 3): 7, (2, 1): 9, (2, 2): 8, (2, 3): 7}
APPLY = {(1, 1): 8, (1, 2): 3, (1, 3): 2, (2, 1): 4, (2, 2): 3, (2, 3): 1}
GROUPS = [  # kind, its children as (class, numbers)
    ("standalone", [((1, 1), [1, 2, 3, 4])]),
    ("standalone", [((1, 1), [5, 6, 7, 8])]),
    ("standalone", [((1, 2), [1, 2, 3])]),
    ("mixed", [((1, 3), [1, 2])]),
    ("mixed", [((2, 1), [1, 2, 3, 4])]),
    ("mixed", [((2, 2), [1, 2, 3]), ((2, 3), [1])]),
]
SURNAMES = {(1, 1): "方", (1, 2): "沈", (1, 3): "姜", (2, 1): "范", (2, 2): "石", (2, 3): "龙"}
COUNT = "零一二三四五六七八九"
HEADS = {(1, 1): "T11", (1, 2): "T12", (1, 3): "T13", (2, 1): "T21", (2, 2): "T22", (2, 3): "T23"}
CHILD, BROTHER = ((1, 1), 3), ((2, 2), 2)  # the child whom the journey follows, and a brother in another grade
NAMES = {CHILD: "林小禾", BROTHER: "林小麦"}
MOTHER, FATHER = ("陈秋", "13900000001"), ("林远", "13900000002")
STAFF = [  # number, name, grade, posts, days off
    ("A01", "课程中心", "", "课程教学中心", ""),
    ("T11", "田甲", "一年级", "课后服务教师", ""),
    ("T12", "田乙", "一年级", "课后服务教师", ""),
    ("T13", "田丙", "一年级", "课后服务教师", ""),
    ("T14", "田丁", "一年级", "课后服务教师、年级组长", ""),
    ("T15", "田戊", "一年级", "课后服务教师", "周五"),
    ("T21", "米甲", "二年级", "课后服务教师", ""),
    ("T22", "米乙", "二年级", "课后服务教师", "周三"),
    ("T23", "米丙", "二年级", "课后服务教师", "周三"),
    ("D01", "值班行政甲", "", "值班行政", ""),
    ("L01", "领导甲", "", "领导小组", ""),
    ("C01", "保障甲", "", "服务保障中心", ""),
    ("G01", "门卫甲", "", "门卫", ""),
]


def child(key: tuple[int, int], number: int) -> str:
    """Return the name of a child by class and number."""
    return NAMES.get((key, number)) or f"{SURNAMES[key]}{COUNT[number]}"


def class_of(key: tuple[int, int]) -> str:
    """Return what a class is called on the pages."""
    return f"{COUNT[key[0]]}（{key[1]}）班"


def phone(key: tuple[int, int], number: int) -> str:
    """Return the phone of a child's mother."""
    return f"1370000{key[0]}{key[1]}{number:02}"


def workbook(template: bytes) -> bytes:
    """Fill the school's own template, below its example rows."""
    book = load_workbook(io.BytesIO(template))
    for (grade, number), size in SIZES.items():
        key, word = (grade, number), f"{COUNT[grade]}年级"
        room = f"{class_of(key)}教室"
        book["班级"].append([word, number, HEADS[key], room])
        book["场地"].append([room, "普通教室", 50])
        for place in range(1, size + 1):
            book["学生"].append([word, number, place, child(key, place)])
            if (key, place) in NAMES:
                adults = [(*MOTHER, "妈妈", "是", "是"), (*FATHER, "爸爸", "否", "否")]
            else:
                adults = [(f"{child(key, place)}妈", phone(key, place), "妈妈", "是", "是")]
            for name, number_of, relation, acts, fetches in adults:
                row = [word, number, place, child(key, place), name, relation, number_of, acts, fetches]
                book["家长"].append(row)
    for code, name, grade, posts, off in STAFF:
        book["教职工"].append([code, name, f"1580000{STAFF_ORDER[code]:04}", "", grade, posts, off])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


STAFF_ORDER = {row[0]: place for place, row in enumerate(STAFF, 1)}
