// SPDX-License-Identifier: Apache-2.0
#include "CBoostMath.h"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace {

namespace bm = boost::math;

// No C++ exception may cross into Swift, and not-a-number is a failure, never a result.
template <typename Compute>
int guarded(double *result, Compute compute) noexcept {
  try {
    const double value = compute();
    if (std::isnan(value)) return 1;
    *result = value;
    return 0;
  } catch (...) {
    return 1;
  }
}

template <typename Distribution>
double tail(const Distribution &distribution, double x, int upper) {
  return upper ? bm::cdf(bm::complement(distribution, x)) : bm::cdf(distribution, x);
}

}  // namespace

extern "C" {

int lobule_normal_tail(double x, int upper, double *result) {
  return guarded(result, [&] { return tail(bm::normal(), x, upper); });
}

int lobule_normal_quantile(double probability, double *result) {
  return guarded(result, [&] { return bm::quantile(bm::normal(), probability); });
}

int lobule_student_t_tail(double df, double x, int upper, double *result) {
  return guarded(result, [&] { return tail(bm::students_t(df), x, upper); });
}

int lobule_student_t_quantile(double df, double probability, double *result) {
  return guarded(result, [&] { return bm::quantile(bm::students_t(df), probability); });
}

int lobule_chi_squared_tail(double df, double x, int upper, double *result) {
  return guarded(result, [&] { return tail(bm::chi_squared(df), x, upper); });
}

int lobule_chi_squared_quantile(double df, double probability, double *result) {
  return guarded(result, [&] { return bm::quantile(bm::chi_squared(df), probability); });
}

int lobule_beta_tail(double a, double b, double x, int upper, double *result) {
  return guarded(result, [&] { return tail(bm::beta_distribution<double>(a, b), x, upper); });
}

int lobule_beta_quantile(double a, double b, double probability, double *result) {
  return guarded(result, [&] {
    return bm::quantile(bm::beta_distribution<double>(a, b), probability);
  });
}

int lobule_f_tail(double df1, double df2, double x, int upper, double *result) {
  return guarded(result, [&] { return tail(bm::fisher_f(df1, df2), x, upper); });
}

int lobule_f_quantile(double df1, double df2, double probability, double *result) {
  return guarded(result, [&] { return bm::quantile(bm::fisher_f(df1, df2), probability); });
}

}  // extern "C"
