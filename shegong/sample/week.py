def make(*a): return []
