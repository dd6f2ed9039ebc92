"""Recognition: what a decided practice earned, and how anyone can check it."""
