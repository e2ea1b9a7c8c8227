"""Measures of a generator: that it does what it is told, and draws like real pictures.

`evaluate` measures, over processes with `shards`; `frechet` and `neighbours` are the mathematics,
`features` and `inception` the networks, `worlds` the judges of the demo, `report` the result.
"""
