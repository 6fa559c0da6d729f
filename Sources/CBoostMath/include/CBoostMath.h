// SPDX-License-Identifier: Apache-2.0
#ifndef LOBULE_CBOOSTMATH_H
#define LOBULE_CBOOSTMATH_H

#ifdef __cplusplus
extern "C" {
#endif

/// Every function returns 0 and writes `*result`, or returns 1 and leaves `*result` alone.
/// No memory is owned on either side. `upper` other than 0 asks for the upper tail.

int lobule_normal_tail(double x, int upper, double *result);
int lobule_normal_quantile(double probability, double *result);

int lobule_student_t_tail(double df, double x, int upper, double *result);
int lobule_student_t_quantile(double df, double probability, double *result);

int lobule_chi_squared_tail(double df, double x, int upper, double *result);
int lobule_chi_squared_quantile(double df, double probability, double *result);

int lobule_beta_tail(double a, double b, double x, int upper, double *result);
int lobule_beta_quantile(double a, double b, double probability, double *result);

int lobule_f_tail(double df1, double df2, double x, int upper, double *result);
int lobule_f_quantile(double df1, double df2, double probability, double *result);

#ifdef __cplusplus
}
#endif

#endif
