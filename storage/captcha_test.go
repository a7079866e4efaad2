package storage_test

import (
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// A captcha stops all that a community says until a person follows its link: the
// administrators get it, once however many answers came upon it.
func TestCaptchaIsToldToAdministrators(t *testing.T) {
	c := newChat(t)
	c.agree()
	c.say("На Ленина нет воды третий день")
	c.answered("Воду дали")
	link := "https://id.vk.com/not_robot_captcha?domain=vk.com"
	tries := 0
	c.sendAll(func(domain.Delivery) domain.DeliveryEnd {
		tries++
		return domain.DeliveryEnd{State: domain.DeliveryWaiting, Reason: domain.ReasonCaptcha, Wait: time.Hour, PauseFor: time.Hour, Words: "VK просит подтвердить, что пишет человек: " + link}
	})
	if tries == 0 {
		t.Fatal("nothing was tried")
	}
	got := c.rows(`SELECT region || ' ' || text FROM notices WHERE to_role = 'administrator'`)
	if len(got) != 1 || !strings.HasPrefix(got[0], region+" ") || !strings.Contains(got[0], link) || !strings.Contains(got[0], "ВКонтакте") {
		t.Errorf("told after %d tries: %q", tries, got)
	}
	c.exec(`DELETE FROM account_pauses`)
	c.exec(`UPDATE deliveries SET next_attempt_at = now() - interval '1 minute' WHERE state = 'waiting'`)
	c.now = c.now.Add(2 * time.Hour)
	c.sendAll(arrives)
	if n := len(c.rows(`SELECT 'x' FROM notices WHERE to_role = 'administrator'`)); n != 1 {
		t.Errorf("%d notices once it was answered", n)
	}
}
