package citizen

import (
	"crypto/rand"
	"encoding/binary"
	"net/http"
	"strconv"
	"strings"

	"github.com/otklik/otklik/platform/max/maxfake"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// Person is who writes: the same one on every platform.
type Person struct {
	Number int64
	Name   string
}

// Numbers of visitors lie where no feed writes: VK has had such ids since 2026
// (protocols.md, «Pitfalls»).
const (
	firstPerson  = 210_000_000_000
	manyPersons  = 900_000_000
	cookieName   = "otklik_citizen"
	cookieBreaks = "."
)

// Authors is the pattern of visitors' ids, as SQL's LIKE has it.
const Authors = "210_________"

func personOf(number int64) Person {
	return Person{Number: number, Name: vkfake.PersonName(number)}
}

func (p Person) telegram() tgfake.User {
	first, last, _ := strings.Cut(p.Name, " ")
	return tgfake.User{ID: p.Number, FirstName: first, LastName: last}
}

func (p Person) max() maxfake.User {
	first, last, _ := strings.Cut(p.Name, " ")
	return maxfake.User{ID: p.Number, FirstName: first, LastName: last}
}

// person finds who asks by their cookie, and gives a newcomer one. The cookie
// holds the life of the fakes too: what a platform knew of somebody before they
// were started anew is gone, and a new person does not meet its numbers.
func (s *site) person(w http.ResponseWriter, r *http.Request) Person {
	if c, err := r.Cookie(cookieName); err == nil {
		life, number, _ := strings.Cut(c.Value, cookieBreaks)
		n, err := strconv.ParseInt(number, 10, 64)
		if err == nil && life == s.life && n >= firstPerson && n < firstPerson+manyPersons {
			return personOf(n)
		}
	}
	return s.newcomer(w)
}

// newcomer makes a person up and tells the browser.
func (s *site) newcomer(w http.ResponseWriter) Person {
	p := personOf(firstPerson + int64(random()%manyPersons)) //nolint:gosec // below manyPersons
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: s.life + cookieBreaks + strconv.FormatInt(p.Number, 10),
		Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	return p
}

func random() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:])
}
