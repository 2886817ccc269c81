"""What Muster runs of FAST-HEP: the compile of a workflow, and the stages that its plan becomes.

compiler   compiles a workflow with FAST-HEP's own compiler, and tells Muster what is in the plan
stages     what the tasks of a run call: shared, chain, dataset, products

All else serves these two. FAST-HEP itself is never re-implemented: what is borrowed of it stands in borrowed.
"""
