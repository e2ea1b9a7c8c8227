"""What commands print and how they end: progress, signals, hints, text that cannot act."""
