"""A refusal: why an action could not be done, as a code for tests and a sentence for people."""


class Refused(Exception):
    """An action was not done. Views show the sentence; tests assert the code."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"


def somebody_was_faster() -> Refused:
    """The state this action started from is no longer true."""
    return Refused("somebody_was_faster", "刚才已有人处理过，页面已更新，请看最新的状态。")
