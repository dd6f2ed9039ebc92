"""The lives of a call and of a practice."""

from services.core.kit.states import Machine

CALL = Machine(
    name="call",
    statuses=("draft", "open", "closed", "reviewing", "decided", "archived"),
    moves={
        "open": {"draft": "open"},
        "close": {"open": "closed"},
        "review": {"closed": "reviewing"},
        "decide": {"reviewing": "decided"},
        "archive": {"decided": "archived"},
    },
)

_NOT_FINAL = ("draft", "submitted", "returned", "assessed", "in_review", "revise")

PRACTICE = Machine(
    name="practice",
    statuses=(*_NOT_FINAL, "recognised", "commended", "declined", "withdrawn"),
    moves={
        "submit": {"draft": "submitted", "returned": "submitted", "revise": "submitted"},
        "withdraw": dict.fromkeys(_NOT_FINAL, "withdrawn"),
        "return": {"submitted": "returned"},
        "assess": {"submitted": "assessed"},
        "begin_review": {"assessed": "in_review"},
        "recognise": {"in_review": "recognised"},
        "commend": {"in_review": "commended"},
        "decline": {"in_review": "declined"},
        "ask_revision": {"in_review": "revise"},
    },
    internal=frozenset({"return", "assess", "begin_review", "recognise", "commend", "decline", "ask_revision"}),
)
