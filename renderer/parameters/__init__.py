"""The registry of parameters: address, kind, range, label, default; and bindings to controllers."""
