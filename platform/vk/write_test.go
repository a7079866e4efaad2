package vk

import (
	"errors"
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
