// SPDX-License-Identifier: Apache-2.0
#ifndef LOBULE_CCURL_H
#define LOBULE_CCURL_H

#include <curl/curl.h>

// libcurl's setopt and getinfo are variadic, which Swift cannot call: one function per argument
// type. Nothing here keeps a pointer beyond what libcurl documents for the option.

typedef size_t (*lobule_curl_data_callback)(char *bytes, size_t size, size_t count, void *context);
typedef int (*lobule_curl_debug_callback)(CURL *handle, curl_infotype type, char *bytes,
                                          size_t count, void *context);
typedef int (*lobule_curl_progress_callback)(void *context, curl_off_t download_total,
                                             curl_off_t downloaded, curl_off_t upload_total,
                                             curl_off_t uploaded);

CURLcode lobule_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode lobule_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value);
CURLcode lobule_curl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode lobule_curl_set_pointer(CURL *handle, CURLoption option, const void *value);
CURLcode lobule_curl_set_data_callback(CURL *handle, CURLoption option,
                                       lobule_curl_data_callback callback);
CURLcode lobule_curl_set_debug_callback(CURL *handle, lobule_curl_debug_callback callback);
CURLcode lobule_curl_set_progress_callback(CURL *handle, lobule_curl_progress_callback callback);
// Ends an exchange when the other host's system stays silent for so long while it owes an answer.
CURLcode lobule_curl_set_silence_limit(CURL *handle, unsigned milliseconds);
CURLcode lobule_curl_get_long(CURL *handle, CURLINFO info, long *value);
CURLcode lobule_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value);
CURLcode lobule_curl_global_init(void);

#endif
