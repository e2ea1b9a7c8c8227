"""What commands print and how they end: progress, signals, hints, text that cannot act.

`console` runs a command to its exit code, `progress_line` counts, `visible` defuses texts.
"""
