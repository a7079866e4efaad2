package reply_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/platform/vk"
	"github.com/otklik/otklik/reply"
)

func vkError(code int) error {
	reaction, words := vk.React(code)
	return &domain.PlatformError{Platform: domain.VK, Code: code, Reaction: reaction, Words: words, Err: errors.New("said")}
}

// Whatever VK says of a key that is not valid marks the account, so that others speak
// and the page «Аккаунты» says why; what a person may mend on the account does not.
func TestDeadTokensOfVKMarkTheAccount(t *testing.T) {
	for _, code := range []int{5, 27, 28, 37, 38, 101, 1114, 1116, 1117, 1118, 3609, 3610, 3611} {
		if end := reply.After(domain.Delivery{Attempt: 1, Tries: 1}, "", vkError(code), 0); end.Broken == "" || end.State != domain.DeliveryFailed {
			t.Errorf("VK %d leaves the account as one that speaks: %+v", code, end)
		}
	}
	for _, code := range []int{7, 9, 14, 15, 17, 100, 213, 901, 1105} {
		if end := reply.After(domain.Delivery{Attempt: 1, Tries: 1}, "", vkError(code), 0); end.Broken != "" {
			t.Errorf("VK %d marks the account as dead: %+v", code, end)
		}
	}
}

// Each error has its reaction (protocols: VK errors, Telegram send limits).
func TestReactions(t *testing.T) {
	slow := &domain.PlatformError{Platform: domain.Telegram, Code: 429, Reaction: domain.SlowDown, RetryAfter: 17 * time.Second, Words: "ждём", Err: errors.New("429")}
	forbidden := &domain.PlatformError{Platform: domain.Telegram, Code: 403, Reaction: domain.CloseSource, Words: "пользователь заблокировал бота", Err: errors.New("403")}
	for _, c := range []struct {
		name   string
		err    error
		once   bool // the platform cannot tell a repeat
		tries  int
		state  domain.DeliveryState
		reason string
		wait   time.Duration // at least
		pause  bool          // of the whole account
	}{
		{"sent", nil, false, 1, domain.Delivered, "sent", 0, false},
		{"9: flood control, never the same again, and the others wait", vkError(9), false, 1, domain.DeliveryFailed, "never_repeat", 0, true},
		{"14: captcha, the account waits for a person", vkError(14), false, 1, domain.DeliveryWaiting, "captcha", time.Hour, true},
		{"15: no access", vkError(15), false, 1, domain.DeliveryFailed, "closed", 0, false},
		{"212: comments closed", vkError(212), false, 1, domain.DeliveryFailed, "closed", 0, false},
		{"213: comments closed", vkError(213), false, 1, domain.DeliveryFailed, "closed", 0, false},
		{"223: too many replies", vkError(223), false, 1, domain.DeliveryFailed, "never_repeat", 0, false},
		{"901: takes no messages", vkError(901), false, 1, domain.DeliveryFailed, "never_repeat", 0, false},
		{"902: privacy", vkError(902), false, 1, domain.DeliveryFailed, "never_repeat", 0, false},
		{"429: waits as long as asked", slow, true, 1, domain.DeliveryWaiting, "slow_down", 17 * time.Second, false},
		{"403: blocked", forbidden, true, 1, domain.DeliveryFailed, "closed", 0, false},
		{"6: too fast", vkError(6), false, 1, domain.DeliveryWaiting, "slow_down", 5 * time.Second, false},
		{"10: a passing fault", vkError(10), false, 3, domain.DeliveryWaiting, "retry_later", 20 * time.Second, false},
		{"10: for the twelfth time", vkError(10), false, 12, domain.DeliveryFailed, "gave_up", 0, false},
		{"29: the day is spent", vkError(29), false, 1, domain.DeliveryWaiting, "park_today", time.Hour, true},
		{"5: the token is dead", vkError(5), false, 1, domain.DeliveryFailed, "ask_person", 0, false},
		{"401: the token is dead", &domain.PlatformError{Platform: domain.MAX, Code: 401, Reaction: domain.AskPerson, Words: "токен отозван", Err: errors.New("401")}, false, 1, domain.DeliveryFailed, "ask_person", 0, false},
		{"100: our own request is wrong", vkError(100), false, 1, domain.DeliveryFailed, "our_request", 0, false},
		{"unclear, and no way to tell", fmt.Errorf("%w: %w", reply.ErrUnclear, telegram.ErrUnclear), true, 1, domain.DeliveryUnclear, "unclear", 0, false},
		{"unclear, and a repeat can be told", fmt.Errorf("%w: cut", reply.ErrUnclear), false, 1, domain.DeliveryWaiting, "look_and_repeat", 30 * time.Second, false},
		{"the process stops before the send", context.Canceled, true, 1, domain.DeliveryWaiting, "our_fault", 5 * time.Second, false},
	} {
		d := domain.Delivery{ID: 1, Attempt: c.tries, Tries: c.tries, Repeatable: !c.once}
		end := reply.After(d, "77", c.err, 0)
		if end.State != c.state || end.Reason != c.reason || end.Wait < c.wait || (end.PauseFor > 0) != c.pause {
			t.Errorf("%s: %+v", c.name, end)
		}
		if end.PauseWay != (end.Code == 9) {
			t.Errorf("%s: only its way waits: %t", c.name, end.PauseWay)
		}
		if dead := strings.Contains(c.name, "the token is dead"); (end.Broken != "") != dead {
			t.Errorf("%s: the account is marked %q", c.name, end.Broken)
		}
		blocked := end.Reason == "closed" || end.Code == 901 || end.Code == 902
		if end.Blocked != blocked {
			t.Errorf("%s: blocked %t", c.name, end.Blocked)
		}
		if c.err != nil && end.Words == "" {
			t.Errorf("%s: no words for people", c.name)
		}
		if (end.Message != "") != (c.err == nil) {
			t.Errorf("%s: message %q", c.name, end.Message)
		}
	}
}
