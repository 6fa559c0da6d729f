# SPDX-License-Identifier: Apache-2.0
"""One task in one process: peers.py PEER FILE

Prints {"load": seconds, "compute": seconds, "check": {…}} on one line.
"""

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")
peer, file = sys.argv[1:]
started = time.perf_counter()
import numpy as np

if peer.startswith("polars"):
    import polars

    rows = polars.read_csv(file)
    column = lambda name: rows[name].to_numpy().astype(float)
    x = rows.select([f"x{k}" for k in range(1, 11)]).to_numpy().astype(float)
else:
    import pandas

    rows = pandas.read_csv(file)
    column = lambda name: rows[name].to_numpy(float)
    x = rows[[f"x{k}" for k in range(1, 11)]].to_numpy(float)
y = column("y")
slopes = np.array([0.8, -0.5, 0.3, 0, 0.1, 1, -0.7, 0.4, 0, 0.2])
if peer == "statsmodels":
    import statsmodels.api as statsmodels
elif peer == "firthmodels":
    from firthmodels import FirthLogisticRegression
elif "sklearn" in peer:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
elif peer.startswith("lifelines"):
    from lifelines import CoxPHFitter, KaplanMeierFitter
    from lifelines.statistics import logrank_test
loaded = time.perf_counter()

if peer == "statsmodels":
    design = np.column_stack([np.ones(len(y)), x])
    check = {"coefficients": statsmodels.Logit(y, design).fit(disp=0).params.sum()}
elif peer in ("sklearn", "polars-sklearn"):
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000, solver="newton-cholesky")
    model.fit(x, y)
    check = {"coefficients": model.coef_.sum() + model.intercept_[0]}
elif peer == "firthmodels":
    model = FirthLogisticRegression().fit(x, y)
    check = {"coefficients": model.coef_.sum() + model.intercept_}
elif peer in ("sklearn-auc", "polars-sklearn-auc"):
    check = {"auc": roc_auc_score(y, x @ slopes)}
elif peer == "lifelines-km":
    group = column("x6") == 1
    days, status = column("time"), column("status")
    medians = [
        KaplanMeierFitter().fit(days[part], status[part]).median_survival_time_
        for part in (group, ~group)
    ]
    test = logrank_test(days[group], days[~group], status[group], status[~group])
    check = {"medians": sum(medians), "chisq": test.test_statistic}
elif peer == "lifelines-cox":
    table = rows[[f"x{k}" for k in range(1, 11)] + ["time", "status"]]
    check = {"coefficients": CoxPHFitter().fit(table, "time", "status").params_.sum()}
else:
    sys.exit(f"There is no such peer: {peer}")
computed = time.perf_counter()
check = {name: float(value) for name, value in check.items()}
print(json.dumps({"load": loaded - started, "compute": computed - loaded, "check": check}))
