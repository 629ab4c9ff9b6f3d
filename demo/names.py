"""Made-up names for the demo school. Any likeness to a real person is chance."""

import random

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文单仇解查区盖"
)
COMPOUND = ["欧阳", "司马", "上官", "诸葛", "夏侯", "慕容", "令狐", "尉迟"]
FIRST = "子梓雨思欣浩宇晨嘉一若可语俊明佳心诗乐天睿奕博文涵书清芷沐安亦知望景云星朗知舒言静"
SECOND = "涵轩怡然宁妍彤琪泽航瑶萱阳宸霖桐辰雅悦菲晗逸凡熙钰源洋颖溪禾帆舟远行川岚晴朵朗平"
RARE = "㛃䶮𬱖煊玥昶翀甯滢堃"
LONG = [
    "阿依古丽·买买提江",
    "迪丽努尔·阿卜杜热合曼",
    "扎西次仁·洛桑",
    "吾尔开希别克·努尔兰",
    "古丽米热·艾合买提",
]
GROWN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华慧建红玲梅波斌鹏宁飞岩峰蓉琴凯"
ELDER = "国建桂秀玉淑福德兰英珍凤华荣根宝贵春生祥"


def surname(rng: random.Random) -> str:
    """Return a surname, common ones more often, one in eighty a compound one."""
    if rng.random() < 1 / 80:
        return rng.choice(COMPOUND)
    return SURNAMES[min(int(rng.expovariate(1 / 28)), len(SURNAMES) - 1)]


def child(rng: random.Random, family: str) -> str:
    """Return a child's name of this family."""
    if rng.random() < 1 / 150:
        return family + rng.choice(RARE)
    if rng.random() < 0.12:
        return family + rng.choice(SECOND)
    return family + rng.choice(FIRST) + rng.choice(SECOND)


def grown(rng: random.Random, family: str) -> str:
    """Return a parent's or teacher's name."""
    return family + rng.choice(GROWN) + (rng.choice(GROWN) if rng.random() < 0.55 else "")


def elder(rng: random.Random, family: str) -> str:
    """Return a grandparent's name."""
    return family + rng.choice(ELDER) + rng.choice(ELDER)
