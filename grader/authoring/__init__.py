"""What authors and students get from an exercise folder: stubs, notebooks, figures, a skeleton for a new one."""

FIGURE = "graph.svg"
"""The name of the computation graph in an exercise folder; statements link it."""
