"""The planner: pure functions over NumPy arrays. It knows neither the database nor the framework around it.

- `problem`: what is given, as arrays, and the rules as numbers.
- `distance`: how long a way takes: straight lines, or the times of a road network.
- `costs`: which pairs of a driver and a trip are possible, and what each costs.
- `assignment`: the cheapest matching over listed pairs, with prices that prove it over all pairs.
- `drivers`: drivers mode: matching and chains.
- `fleets`, `units`: fleets mode: whole units for tasks, and its model.
- `repair`: new drivers for trips whose driver fell out.
- `reasons`: why a driver was chosen, why a trip is left.

Units throughout: minutes since the beginning of the plan, kilometres on a local plane, kilograms. Costs are whole
thousandths of a minute, so that sums are exact and a proof is one.
"""
