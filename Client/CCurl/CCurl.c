// SPDX-License-Identifier: Apache-2.0
#include "CCurl.h"

// The names stand in parentheses because curl.h also defines them as macros that check constants.

CURLcode lobule_curl_set_long(CURL *handle, CURLoption option, long value) {
  return (curl_easy_setopt)(handle, option, value);
}

CURLcode lobule_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return (curl_easy_setopt)(handle, option, value);
}

CURLcode lobule_curl_set_string(CURL *handle, CURLoption option, const char *value) {
  return (curl_easy_setopt)(handle, option, value);
}

CURLcode lobule_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
  return (curl_easy_setopt)(handle, option, value);
}

CURLcode lobule_curl_set_data_callback(CURL *handle, CURLoption option,
                                       lobule_curl_data_callback callback) {
  return (curl_easy_setopt)(handle, option, callback);
}

CURLcode lobule_curl_set_debug_callback(CURL *handle, lobule_curl_debug_callback callback) {
  return (curl_easy_setopt)(handle, CURLOPT_DEBUGFUNCTION, callback);
}

CURLcode lobule_curl_set_progress_callback(CURL *handle, lobule_curl_progress_callback callback) {
  return (curl_easy_setopt)(handle, CURLOPT_XFERINFOFUNCTION, callback);
}

CURLcode lobule_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return (curl_easy_getinfo)(handle, info, value);
}

CURLcode lobule_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
  return (curl_easy_getinfo)(handle, info, value);
}

CURLcode lobule_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }
