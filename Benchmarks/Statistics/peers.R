# SPDX-License-Identifier: Apache-2.0
# One task in one process: Rscript peers.R PEER FILE
# Prints {"load": seconds, "compute": seconds, "check": {…}} on one line.

arguments <- commandArgs(trailingOnly = TRUE)
peer <- arguments[1]
started <- proc.time()[["elapsed"]]
quiet <- function(name) suppressPackageStartupMessages(library(name, character.only = TRUE))
quiet("data.table")
setDTthreads(1)
rows <- fread(arguments[2], data.table = FALSE)
predictors <- paste0("x", 1:10)
slopes <- c(0.8, -0.5, 0.3, 0, 0.1, 1, -0.7, 0.4, 0, 0.2)
needed <- c(
  brglm2 = "brglm2", cv.glmnet = "glmnet", pROC.auc = "pROC", pROC.delong = "pROC",
  validate = "rms", survfit = "survival", coxph = "survival", iecv = "pROC"
)
if (peer %in% names(needed)) quiet(needed[[peer]])
x <- as.matrix(rows[predictors])
y <- rows$y
curve <- function(outcome, score) {
  roc(outcome, score, levels = c(0, 1), direction = "<", quiet = TRUE)
}
fit <- function(x, y) coef(glm.fit(cbind(1, x), y, family = binomial()))
loaded <- proc.time()[["elapsed"]]

check <- switch(peer,
  glm.fit = list(coefficients = sum(fit(x, y))),
  glm = list(coefficients = sum(coef(glm(reformulate(predictors, "y"), binomial, rows)))),
  brglm2 = list(coefficients = sum(coef(glm(
    reformulate(predictors, "y"), binomial, rows, method = "brglmFit", type = "AS_mean"
  )))),
  cv.glmnet = {
    found <- cv.glmnet(x, y, family = "binomial", foldid = rep_len(1:10, nrow(x)))
    list(lambda_1se = found$lambda.1se, lambda_min = found$lambda.min, loss = min(found$cvm))
  },
  pROC.auc = list(auc = as.numeric(auc(curve(y, drop(x %*% slopes))))),
  pROC.delong = list(z = roc.test(
    curve(y, drop(x %*% slopes)), curve(y, x[, 1]), method = "delong"
  )$statistic[[1]]),
  validate = {
    set.seed(1)
    model <- lrm(reformulate(predictors, "y"), rows, x = TRUE, y = TRUE)
    found <- validate(model, B = 1000)
    list(apparent_dxy = found["Dxy", "index.orig"], corrected_dxy = found["Dxy", "index.corrected"])
  },
  survfit = {
    curves <- survfit(Surv(time, status) ~ x6, rows, conf.type = "log-log")
    list(
      medians = sum(summary(curves)$table[, "median"]),
      chisq = survdiff(Surv(time, status) ~ x6, rows)$chisq
    )
  },
  coxph = list(coefficients = sum(coef(coxph(reformulate(predictors, "Surv(time, status)"), rows)))),
  iecv = {
    sites <- sapply(sort(unique(rows$site)), function(site) {
      left <- rows$site == site
      line <- drop(cbind(1, x[left, ]) %*% fit(x[!left, ], y[!left]))
      area <- curve(y[left], line)
      c(auc(area), var(area), fit(line, y[left])[[2]])
    })
    list(auc = sum(sites[1, ]), variance = sum(sites[2, ]), slope = sum(sites[3, ]))
  },
  stop("There is no such peer: ", peer)
)
computed <- proc.time()[["elapsed"]]
cat(sprintf(
  '{"load": %.4f, "compute": %.4f, "check": {%s}}\n', loaded - started, computed - loaded,
  paste(sprintf('"%s": %.12g', names(check), unlist(check)), collapse = ", ")
))
