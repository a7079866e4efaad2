// Package vk talks to the VK API: reading with service tokens, answering with
// community tokens. It sits on SevereCloud/vksdk/v2 (API 5.131) and adds what a
// worker needs around it: a limiter that honours the context, daily quotas, a
// whole-or-nothing transport and a table that turns every error into a named
// reaction (protocols: https://dev.vk.com/ru/reference/errors).
//
// Lists are handed on as raw items, so that one item of an unknown shape never
// costs its neighbours. No error of this package contains a token or a key.
package vk
