package telegram

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

func TestChannelNames(t *testing.T) {
	for in, want := range map[string]string{
		"dvor_khv": "dvor_khv", "@Dvor_khv": "Dvor_khv", "https://t.me/dvor_khv": "dvor_khv",
		"https://t.me/s/dvor_khv?before=5": "dvor_khv", "t.me/dvor_khv/17": "dvor_khv", " dvor ": "dvor",
		"": "", "двор": "", "a b": "", "../etc": "", "1abc": "", "x": "", "https://t.me/+AbCd": "",
	} {
		got, err := ChannelName(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestPageIsAskedForPolitely(t *testing.T) {
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.String()+" "+r.UserAgent())
		if r.URL.Query().Get("before") == "666" {
			_, _ = w.Write([]byte(strings.Repeat(" ", maxPage+1)))
			return
		}
		_, _ = w.Write([]byte("<html></html>"))
	}))
	t.Cleanup(srv.Close)
	l := &limits{}
	p := NewPreview(PreviewConfig{URL: srv.URL + "/", Limiter: l})
	for _, before := range []int64{0, 42} {
		if body, err := p.Page(t.Context(), "dvor_khv", before); err != nil || string(body) != "<html></html>" {
			t.Errorf("%q, %v", body, err)
		}
	}
	if len(asked) != 2 || !strings.HasPrefix(asked[0], "GET /s/dvor_khv otklik/") || !strings.HasPrefix(asked[1], "GET /s/dvor_khv?before=42 ") {
		t.Errorf("asked %q", asked)
	}
	if len(l.keys) != 2 || l.keys[0] != "telegram:preview 0.50" {
		t.Errorf("waited for %q", l.keys)
	}
	_, err := p.Page(t.Context(), "dvor_khv", 666)
	if pe := platformError(t, err); pe.Reaction != domain.RetryLater {
		t.Errorf("a page of more than 5 MiB became %+v", pe)
	}
	srv.Close()
	_, err = p.Page(t.Context(), "dvor_khv", 0)
	if pe := platformError(t, err); pe.Reaction != domain.RetryLater || pe.Method != "preview" {
		t.Errorf("a refused connection became %+v", pe)
	}
}

func TestRedirectsAreAnswersNotWays(t *testing.T) {
	followed := false
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/s/dvor_khv" {
			followed = true
			return
		}
		http.Redirect(w, r, "/Dvor_KHV", http.StatusFound)
	}))
	t.Cleanup(srv.Close)
	_, err := NewPreview(PreviewConfig{URL: srv.URL}).Page(t.Context(), "dvor_khv", 0)
	if pe := platformError(t, err); pe.Reaction != domain.CloseSource || followed {
		t.Errorf("%+v, followed %v", pe, followed)
	}
}
