#ifndef LOBULE_CCURL_H
#define LOBULE_CCURL_H
#include <curl/curl.h>
#endif
