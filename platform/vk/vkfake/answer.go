package vkfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// apiError is an error VK reports in the body of an HTTP 200.
type apiError struct {
	code int
	msg  string
	more map[string]any
}

// body renders a call's answer. Like VK, an error repeats the caller's
// parameters, the token among them.
func (c *call) body(answer any, fail *apiError) []byte {
	if fail == nil {
		return mustJSON(map[string]any{"response": answer})
	}
	params := []map[string]string{{"key": "method", "value": c.method}, {"key": "oauth", "value": "1"}, {"key": "access_token", "value": c.token}}
	keys := make([]string, 0, len(c.form))
	for k := range c.form {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		params = append(params, map[string]string{"key": k, "value": c.form.Get(k)})
	}
	e := map[string]any{"error_code": fail.code, "error_msg": fail.msg, "request_params": params}
	for k, v := range fail.more {
		e[k] = v
	}
	return mustJSON(map[string]any{"error": e})
}

// mustJSON renders values the fake made itself.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("vkfake: render answer: %v", err))
	}
	return b
}

// send writes a whole answer and reports whether all of it went out.
func send(w http.ResponseWriter, r *http.Request, body []byte) bool {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if n, err := w.Write(body); err != nil || n != len(body) {
		return false
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		return false
	}
	return r.Context().Err() == nil
}

// num reads a whole-number parameter, or gives def.
func (c *call) num(name string, def int64) int64 {
	n, err := strconv.ParseInt(c.form.Get(name), 10, 64)
	if err != nil {
		return def
	}
	return n
}

// flag reads a yes-or-no parameter.
func (c *call) flag(name string) bool {
	v := c.form.Get(name)
	return v == "1" || v == "true"
}

// page reads count and offset and checks them against the method's limits.
func (c *call) page(def, limit int64) (offset, count int, fail *apiError) {
	n, off := c.num("count", def), c.num("offset", 0)
	if n < 0 || n > limit || off < 0 {
		return 0, 0, badParam("count")
	}
	return int(off), int(n), nil
}

func badParam(name string) *apiError {
	return &apiError{code: 100, msg: "One of the parameters specified was missing or invalid: " + name + " is invalid"}
}

// window cuts a page out of a list.
func window[T any](list []T, offset, count int) []T {
	from := min(offset, len(list))
	return list[from:min(from+count, len(list))]
}
