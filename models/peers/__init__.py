"""The camera's net and program beside what else runs such nets: same weights, same pictures."""
