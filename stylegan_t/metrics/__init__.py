"""How well a generator does what it is told, and how like real pictures it draws.

`evaluate` measures, over processes with `shards`; `frechet` and `neighbours` are the mathematics,
`features` and `inception` the networks, `worlds` the judges of the demo, `report` the result.
"""
