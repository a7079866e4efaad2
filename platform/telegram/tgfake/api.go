package tgfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// reply is what a method answers: a result, or an error with a code.
type reply struct {
	result     any
	code       int
	text       string
	retryAfter int
	migrateTo  int64
	after      func() // runs when the whole answer was written
}

func (p reply) body() (int, []byte) {
	if p.code != 0 {
		return p.code, errorBody(p.code, p.text, p.retryAfter, p.migrateTo)
	}
	body, err := json.Marshal(object{"ok": true, "result": p.result})
	if err != nil {
		return http.StatusInternalServerError, errorBody(500, "Internal Server Error: "+err.Error(), 0, 0)
	}
	return http.StatusOK, body
}

func failed(code int, format string, args ...any) reply {
	return reply{code: code, text: fmt.Sprintf(format, args...)}
}

// serveAPI answers /bot<token>/<method>.
func (w *World) serveAPI(rw http.ResponseWriter, r *http.Request) {
	method := strings.ToLower(r.PathValue("method"))
	token := strings.TrimPrefix(r.PathValue("bot"), "bot")
	args, err := arguments(r)
	name := methodName(method)
	w.note(name, args)
	f := w.fault(name)
	if f.before(w, rw, r, true) {
		return
	}
	var p reply
	switch {
	case !strings.Contains(token, ":"):
		p = failed(404, "Not Found")
	case token != w.opt.Token:
		p = failed(401, "Unauthorized")
	case err != nil:
		p = failed(400, "Bad Request: can't parse request: %v", err)
	default:
		p = w.dispatch(r, name, args)
	}
	status, body := p.body()
	rw.Header().Set("Content-Type", "application/json")
	if write(rw, r, f, status, body) && p.after != nil {
		p.after()
	}
}

func methodName(lower string) string {
	for _, m := range []string{"getMe", "getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo", "sendMessage", "editMessageText", "answerCallbackQuery"} {
		if strings.ToLower(m) == lower {
			return m
		}
	}
	return lower
}

func (w *World) dispatch(r *http.Request, method string, args map[string]string) reply {
	switch method {
	case "getMe":
		me := User{ID: w.botID, FirstName: "Отклик", Username: w.opt.Username, Bot: true}.json()
		me["can_join_groups"], me["can_read_all_group_messages"] = true, true
		return reply{result: me}
	case "getUpdates":
		return w.getUpdates(r.Context(), args)
	case "setWebhook":
		return w.setWebhook(args)
	case "deleteWebhook":
		return w.deleteWebhook(args)
	case "getWebhookInfo":
		return w.webhookInfo()
	case "sendMessage":
		return w.sendMessage(args)
	case "editMessageText":
		return w.editMessageText(args)
	case "answerCallbackQuery":
		return w.answerCallbackQuery(args)
	}
	return failed(404, "Not Found")
}

// arguments reads a call's parameters from wherever it put them: the address, a
// form, or JSON. Values that are no strings keep their JSON.
func arguments(r *http.Request) (map[string]string, error) {
	args := map[string]string{}
	for k, v := range r.URL.Query() {
		args[k] = v[0]
	}
	kind := r.Header.Get("Content-Type")
	switch {
	case strings.HasPrefix(kind, "application/json"):
		var fields map[string]json.RawMessage
		if err := json.NewDecoder(r.Body).Decode(&fields); err != nil {
			return nil, err
		}
		for k, v := range fields {
			var s string
			if json.Unmarshal(v, &s) != nil {
				s = string(v)
			}
			args[k] = s
		}
	case strings.HasPrefix(kind, "multipart/form-data"):
		if r.ContentLength == 0 {
			return args, nil
		}
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			return nil, err
		}
		for k, v := range r.MultipartForm.Value {
			args[k] = v[0]
		}
	default:
		if err := r.ParseForm(); err != nil {
			return nil, err
		}
		for k, v := range r.PostForm {
			args[k] = v[0]
		}
	}
	return args, nil
}

// number reads a number and bounds it; what is none is fallback.
func number(s string, fallback, low, high int64) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return fallback
	}
	return min(max(n, low), high)
}
