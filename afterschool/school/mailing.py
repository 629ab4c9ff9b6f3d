"""The letters themselves. They say as little of a child as can be: that there is news, and where to read it."""

from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from afterschool.school.kinds import kind_of
from afterschool.school.models import Delivery, Message, School, User

CONFIRM, STOP = "school.email.confirm", "school.email.stop"
WHOLE = 1500


def absolute(school: School, path: str) -> str:
    """Return an address of the portal as it stands in a letter; nothing where the school has none, or for a foreign host."""
    if not school.public_url or not path.startswith("/") or path.startswith("//"):
        return ""
    return urljoin(school.public_url, path)


def _words(message: Message) -> tuple[str, str]:
    """Return subject and text. What tells of a child stays in the portal, behind the login."""
    kind = kind_of(message.kind)
    if kind.open and message.student_id is None:
        return message.title, f"{message.title}\n\n{message.body[:WHOLE]}".strip()
    return f"{kind.word}有新消息", f"学校在课后服务网站上给您发了一条消息（{kind.word}）。内容请登录后看。"


def notice_mail(delivery: Delivery, school: School) -> EmailMessage:
    """Return the letter of one delivery. Its message id is that of the row, so that a mailbox drops what it has seen."""
    message, user = delivery.message, delivery.recipient
    if user is None:
        raise ValueError("a letter goes to a person")
    subject, text = _words(message)
    link = absolute(school, message.url if kind_of(message.kind).open and message.url else reverse("school:messages"))
    stop = absolute(school, reverse("school:email-stop", args=[stop_token(user)]))
    lines = [f"{user.name}，您好：", text]
    if link:
        lines.append(f"点这里看：{link}")
    lines.append(f"{school.name} 课后服务")
    lines.append(
        f"这封信由网站自动发出，请不要回复。{f'不想再收邮件：{stop}' if stop else '不想再收邮件，请在“我的”里去掉邮箱。'}"
    )
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    headers = {"Auto-Submitted": "auto-generated", "Message-ID": f"<delivery-{delivery.pk}-{message.pk}@{host}>"}
    if stop:
        headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return EmailMessage(
        f"【{school.name}】{' '.join(subject.split())}", "\n\n".join(lines), to=[user.email], headers=headers
    )


def confirm_mail(user: User, school: School) -> EmailMessage:
    """Return the letter that asks whether this address is the person's own."""
    link = absolute(school, reverse("school:email-confirm", args=[confirm_token(user)]))
    text = (
        f"您好：\n\n有人在{school.name}课后服务网站上填了这个邮箱，用来收学校的通知。\n\n"
        f"如果是您，请在 {settings.EMAIL_CONFIRM_HOURS} 小时内点开下面的链接，再按“确认邮箱”：\n{link}\n\n"
        "如果不是您填的，不用理会这封信，不会再有邮件来。"
    )
    return EmailMessage(
        f"【{school.name}】请确认您的邮箱", text, to=[user.email], headers={"Auto-Submitted": "auto-generated"}
    )


def group_text(message: Message, school: School) -> str:
    """Return what a robot says in its group. It begins with 课后服务, the keyword that a robot can be set to ask for."""
    link = absolute(school, message.url)
    return "\n".join(
        part for part in (f"【{school.name} 课后服务】{message.title}", message.body[:WHOLE], link) if part
    )


def _mark(user: User) -> str:
    """Return what stands for an address in a link: not the address itself, which servers on the way would log."""
    asked = user.email_asked_at.isoformat() if user.email_asked_at else ""
    return salted_hmac("school.email", f"{user.email}|{asked}").hexdigest()[:32]


def confirm_token(user: User) -> str:
    """Return the key of a confirmation: for this address, as asked for this time."""
    return signing.dumps([user.pk, _mark(user)], salt=CONFIRM)


def stop_token(user: User) -> str:
    """Return the key that stops letters to this address. It doesn't expire, as a letter lies in a mailbox for years."""
    return signing.dumps([user.pk, _mark(user)], salt=STOP)


def user_of(token: str, salt: str, *, max_age: int | None = None) -> User | None:
    """Return whose address a key is for; None when it is forged, too old, or the address has changed since."""
    try:
        pk, mark = signing.loads(token, salt=salt, max_age=max_age)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk).exclude(email="").first()
    return user if user and constant_time_compare(_mark(user), mark) else None
