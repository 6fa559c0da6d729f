// SPDX-License-Identifier: Apache-2.0
#include "CCurl.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/socket.h>

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

static int limit_silence(void *context, curl_socket_t socket, curlsocktype purpose) {
  (void)purpose;
#ifdef TCP_USER_TIMEOUT
  unsigned milliseconds = (unsigned)(uintptr_t)context;
  // Where it cannot be set, the bound on the whole exchange remains.
  (void)setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
#else
  (void)context;
  (void)socket;
#endif
  return CURL_SOCKOPT_OK;
}

CURLcode lobule_curl_set_silence_limit(CURL *handle, unsigned milliseconds) {
  CURLcode code = (curl_easy_setopt)(handle, CURLOPT_SOCKOPTFUNCTION, limit_silence);
  if (code != CURLE_OK) return code;
  return (curl_easy_setopt)(handle, CURLOPT_SOCKOPTDATA, (void *)(uintptr_t)milliseconds);
}

CURLcode lobule_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return (curl_easy_getinfo)(handle, info, value);
}

CURLcode lobule_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
  return (curl_easy_getinfo)(handle, info, value);
}

CURLcode lobule_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }
