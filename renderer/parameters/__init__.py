"""The registry of parameters: address, kind, range, label, default; and bindings to controllers.

`registry` declares them, `parameter` and `kinds` say what one is, `parameters` looks them up by
address or pattern.
"""
