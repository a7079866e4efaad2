package vk_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// refusals are the codes with which VK refuses the token and not the call.
var refusals = []int{5, 14, 17, 24, 25, 27, 28, 37, 38, 101, 1114, 1116, 1117, 1118, 3609, 3610, 3611}

// sick gives a client of two tokens of which the first is refused whenever it is
// used, and the calls it was refused by now.
func sick(t *testing.T, code int, change func(*vk.Config)) (client *vk.Client, refused func() int) {
	t.Helper()
	srv, client, _ := fake(t, vkfake.NoLimits(), func(c *vk.Config) {
		c.Service = append(c.Service, vk.ServiceToken(second))
		if change != nil {
			change(c)
		}
	})
	const many = 1000
	srv.AddFault(vkfake.Fault{Code: code, Token: service, Times: many})
	return client, func() int { return many - srv.Pending(service) }
}

func TestRefusedTokenGivesWayAndIsRemembered(t *testing.T) {
	t.Parallel()
	for _, code := range refusals {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			if reaction, _ := vk.React(code); reaction != domain.AskPerson {
				t.Fatalf("code %d asks no person: %s", code, reaction)
			}
			now := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
			client, refused := sick(t, code, func(c *vk.Config) {
				c.Quotas = newQuotas()
				c.Now = func() time.Time { return now }
			})
			read := func() {
				t.Helper()
				for range 6 {
					if _, err := client.WallGet(t.Context(), "-101", 0, 1); err != nil {
						t.Fatalf("the second token works, and yet: %v", err)
					}
				}
			}
			read()
			if n := refused(); n != 1 {
				t.Fatalf("the refused token was used %d times, want once", n)
			}
			if _, perDay, err := client.Left(t.Context(), "wall.get"); err != nil || perDay != vk.WallGetPerDay {
				t.Errorf("the schedule counts on %d calls a day, want those of one token; %v", perDay, err)
			}
			now = now.Add(time.Hour)
			if _, perDay, _ := client.Left(t.Context(), "wall.get"); perDay != 2*vk.WallGetPerDay {
				t.Errorf("after an hour the schedule counts on %d calls a day", perDay)
			}
			read()
			if n := refused(); n != 2 {
				t.Errorf("after an hour the token was tried %d times in all, want twice", n)
			}
		})
	}
}

// A token of a wrong kind for one method is right for another.
func TestWrongKindIsSetAsideForItsMethodOnly(t *testing.T) {
	t.Parallel()
	client, refused := sick(t, 28, nil)
	for range 2 { // whichever token is first
		if _, err := client.WallGet(t.Context(), "-101", 0, 1); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if _, err := client.WallGetByID(t.Context(), []vk.PostRef{{Owner: -group, Post: 1}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := refused(); n != 2 {
		t.Errorf("refused %d times, want once by each method", n)
	}
}

// With no other token the refused one is tried again: whoever has mended it does
// not wait for an hour.
func TestOnlyTokenIsTriedAgainAtOnce(t *testing.T) {
	t.Parallel()
	srv, client, _ := fake(t, vkfake.NoLimits(), nil)
	srv.AddFault(vkfake.Fault{Code: 14})
	if _, err := client.WallGet(t.Context(), "-101", 0, 1); platformError(t, err).Code != 14 {
		t.Fatal(err)
	}
	if _, err := client.WallGet(t.Context(), "-101", 0, 1); err != nil {
		t.Errorf("the captcha is solved, and yet: %v", err)
	}
}

// What a working token whose quota is spent says is what the source hears.
func TestSpentQuotaSpeaksBeforeDeadToken(t *testing.T) {
	t.Parallel()
	q := newQuotas()
	client, _ := sick(t, 5, func(c *vk.Config) { c.Quotas = q })
	if err := q.Park(t.Context(), vk.ServiceToken(second).ID(), "wall.get", "test"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_, err := client.WallGet(t.Context(), "-101", 0, 1)
		if pe := platformError(t, err); pe.Reaction != domain.ParkToday {
			t.Errorf("%v", pe)
		}
	}
}
