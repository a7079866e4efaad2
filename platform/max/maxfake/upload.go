package maxfake

import (
	"fmt"
	"io"
	"net/http"
)

// upload is a picture, promised or given.
type upload struct {
	id       int64
	token    string
	taken    bool
	notReady int // so many messages with it are refused still
}

// NotReady makes the pictures uploaded from now on be refused n times.
func (w *World) NotReady(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notReady = n
}

func (c *call) uploadPoint() reply {
	if c.query["type"] != "image" {
		return badRequest("Missing required parameter: type")
	}
	n := c.w.next()
	u := &upload{id: n, token: fmt.Sprintf("picture-token-%d", n), notReady: c.w.notReady}
	c.w.uploads[u.token] = u
	return reply{result: object{"url": fmt.Sprintf("http://%s/upload.do?sig=%s", c.r.Host, u.token)}}
}

// takeUpload is the pictures' host: its address is the key, each good for once.
func (w *World) takeUpload(rw http.ResponseWriter, r *http.Request) {
	file, _, err := r.FormFile("data")
	if err != nil {
		http.Error(rw, "no file", http.StatusBadRequest)
		return
	}
	defer func() { _ = file.Close() }()
	n, err := io.Copy(io.Discard, file)
	w.mu.Lock()
	u := w.uploads[r.URL.Query().Get("sig")]
	fresh := u != nil && !u.taken && n > 0 && err == nil
	if fresh {
		u.taken = true
	}
	w.mu.Unlock()
	if !fresh {
		http.Error(rw, "used or unknown", http.StatusBadRequest)
		return
	}
	_ = write(rw, r, Fault{}, reply{result: object{"photos": object{fmt.Sprint(u.id): object{"token": u.token}}}})
}
