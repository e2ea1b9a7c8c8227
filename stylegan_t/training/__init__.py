"""Training: adversarial, as in the paper, and paired, as the demo models were made.

`command` is `stylegan-t train`, with `trainer`, `adversarial` and `players`; `demo` and
`demo_landscapes` make the models that ship, with `paired`, `loop` and `plan`.  `run_folder` and
`state` let any of them go on after a stop.
"""
