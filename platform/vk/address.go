package vk

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	wallNumber = regexp.MustCompile(`^-?[0-9]{1,18}$`)
	wallName   = regexp.MustCompile(`^[A-Za-z0-9_.]{2,64}$`)
	wallOfID   = regexp.MustCompile(`^(club|public|event)([0-9]{1,18})$`)
)

// WallAddress cleans what people paste for a wall: -123, club123, a screen
// name, https://vk.com/name, vk.ru/wall-123_4. It returns an error when that is
// no wall.
func WallAddress(s string) (string, error) {
	a := strings.TrimSpace(s)
	for _, p := range []string{"https://", "http://", "www.", "m.", "vk.com/", "vk.ru/", "@"} {
		a = strings.TrimPrefix(a, p)
	}
	a, _, _ = strings.Cut(a, "?")
	a = strings.Trim(a, "/")
	if rest, ok := strings.CutPrefix(a, "wall"); ok {
		if owner, _, _ := strings.Cut(rest, "_"); wallNumber.MatchString(owner) {
			return owner, nil
		}
	}
	if m := wallOfID.FindStringSubmatch(a); m != nil {
		return "-" + m[2], nil
	}
	if wallNumber.MatchString(a) || wallName.MatchString(a) {
		return a, nil
	}
	return "", fmt.Errorf("%q is no address of a VK wall", s)
}
