package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// User is a person who works at the desk. Everybody belongs to one region.
type User struct {
	ID       int64
	Region   string
	Login    string // small letters, unique in the installation
	Name     string // «Анна Ивановна Кузнецова»
	Position string // «начальник отдела по работе с обращениями»
	Email    string
	Offices  []Office // their own
	// Acting are the offices of people they stand in for today.
	Acting []Acting
	// Restricted: named to see restricted cases (corruption, medical secrets).
	// It is personal: a deputy does not get it.
	Restricted bool
	Active     bool
	// MustChange: the password was given by somebody else and has to be changed
	// before anything is seen.
	MustChange bool
	// MustEnroll: a second factor is required and has to be set up before
	// anything is seen.
	MustEnroll bool
	// SecondFactor: a one-time code is asked for at login.
	SecondFactor bool
}

// Office is a role somebody has, in a body or, when AgencyID is "", in the whole
// region.
type Office struct {
	Role     Role
	AgencyID string
}

// Acting is what a deputy takes over from somebody who is away.
type Acting struct {
	Login   string // of the absent person
	Name    string
	Until   Date // their last day away, local
	Offices []Office
}

// AllOffices are the person's own offices and those they stand in for, own first,
// each once.
func (u User) AllOffices() []Office {
	out := slices.Clone(u.Offices)
	for _, a := range u.Acting {
		for _, d := range a.Offices {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

// Mark stands for what a form changes of a person: name, position, e-mail, offices
// in any order, the right to restricted cases. Two marks are equal when nobody has
// changed any of it in between.
func (u User) Mark() string {
	offices := make([]string, len(u.Offices))
	for i, o := range u.Offices {
		offices[i] = string(o.Role) + " " + o.AgencyID
	}
	slices.Sort(offices)
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %t", u.Name, u.Position, u.Email, slices.Compact(offices), u.Restricted))
	return hex.EncodeToString(sum[:8])
}

// HasRole reports whether the person has a role anywhere, in their own right or
// standing in for somebody.
func (u User) HasRole(role Role) bool {
	return slices.ContainsFunc(u.AllOffices(), func(d Office) bool { return d.Role == role })
}

// RoleTitle is a role in the words people see.
func RoleTitle(r Role) string {
	switch r {
	case RoleAnalyst:
		return "аналитик"
	case RoleCoordinator:
		return "координатор"
	case RoleExecutor:
		return "исполнитель"
	case RoleHead:
		return "руководитель"
	case RoleCurator:
		return "куратор"
	case RoleController:
		return "контролёр"
	case RoleAdministrator:
		return "администратор"
	case RoleReader:
		return "читатель"
	case RoleSystem:
		return "система"
	case RoleAuthor:
		return "автор"
	}
	return string(r)
}

// StaffRoles are the roles a person of the desk may have, in the order they are
// offered.
func StaffRoles() []Role {
	return []Role{RoleAnalyst, RoleCoordinator, RoleExecutor, RoleHead, RoleCurator,
		RoleController, RoleAdministrator, RoleReader}
}

// Hand is the person as the rules of tasks see them: one duty for each body
// they hold offices in, their own before those of people they stand in for.
func (u User) Hand(tree Tree) Hand {
	h := Hand{Login: u.Login, Duties: dutiesOf(u.Login, u.Offices, tree)}
	for _, a := range u.Acting {
		h.Duties = append(h.Duties, dutiesOf(a.Login, a.Offices, tree)...)
	}
	return h
}

func dutiesOf(login string, offices []Office, tree Tree) []Duty {
	var out []Duty
	for _, o := range offices {
		i := slices.IndexFunc(out, func(d Duty) bool { return d.Body == o.AgencyID })
		if i < 0 {
			out = append(out, Duty{Login: login, Body: o.AgencyID, Bodies: tree.Under(o.AgencyID)})
			i = len(out) - 1
		}
		out[i].Roles = append(out[i].Roles, o.Role)
	}
	return out
}

// HasOwn reports whether the person has a role in their own right.
func (u User) HasOwn(role Role) bool {
	return slices.ContainsFunc(u.Offices, func(o Office) bool { return o.Role == role })
}
