"""The model panel: checkpoint, precision, text tower.

`panel` draws it with `recent` and `precision`; `text_tower` is the dialog of its own.
"""
