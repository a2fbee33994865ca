"""Our R-peak detector, ``beatlens``: weigh every QRS-like bump, then choose the likeliest rhythm.

``front`` lists the bumps of a trace, ``evidence`` says of each how surely it is a QRS complex (a
small network, weights in ``weights.npz``), ``templates`` compares it with the recording's own
surest beats, ``rhythm`` picks the sequence that evidence and RR intervals make likeliest, and
``detector`` runs them and puts each beat on its R-peak. ``fusion`` does so for two leads at once.
"""
