package vk

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

// What VK would refuse costs no call: a client without a server is enough.
func TestTooLongAnAnswerIsNotSent(t *testing.T) {
	c, long := &Client{}, strings.Repeat("я", 9001)
	_, comment := c.CreateComment(t.Context(), CommentToSend{Group: 1, Text: long})
	_, message := c.SendMessage(t.Context(), MessageToSend{Group: 1, Text: long})
	for _, err := range []error{comment, message} {
		var pe *domain.PlatformError
		if !errors.As(err, &pe) || pe.Code != 914 || pe.Reaction != domain.ReportBug {
			t.Errorf("%v", err)
		}
	}
	if err := fits("messages.send", long[2:]); err != nil {
		t.Error(err)
	}
}

// An answer without a number says nothing of what stands: the same key again tells.
func TestAnAnswerWithoutANumberIsTriedAgain(t *testing.T) {
	for _, body := range []string{`{"response":{}}`, `{"response":0}`, `{"response":{"comment_id":0}}`} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))
		t.Cleanup(srv.Close)
		c := New(Config{MethodURL: srv.URL + "/", Communities: []Token{CommunityToken(1, "t")}})
		if id, err := c.CreateComment(t.Context(), CommentToSend{Group: 1, Post: PostRef{Owner: -1, Post: 2}, Text: "а", GUID: "g"}); err == nil {
			t.Errorf("%s: a comment %d without a fault", body, id)
		}
		if id, err := c.SendMessage(t.Context(), MessageToSend{Group: 1, Peer: 5, Text: "а", RandomID: 7}); err == nil {
			t.Errorf("%s: a message %d without a fault", body, id)
		}
	}
	var pe *domain.PlatformError
	if _, err := said("wall.createComment", 0); !errors.As(err, &pe) || pe.Reaction != domain.RetryLater {
		t.Errorf("%v", err)
	}
}
