"""Mail: the letters of this installation. Their work is a task on queue ``letters``; their bytes are frozen here."""
