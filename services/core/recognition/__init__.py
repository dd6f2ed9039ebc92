"""Recognition: what a decided practice earned, and how anyone can check it.

A recognition (recognised or commended) is granted once, when the decision is released, and may be revoked; its *code* is
unguessable, forgives misreading, and is checked by anyone. Emits ``recognition.granted`` and ``recognition.revoked``.
"""
