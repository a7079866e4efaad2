package demo

import "github.com/otklik/otklik/domain"

// Password is that of every login of the demonstration. It is known to
// everybody, so such logins exist nowhere else.
const Password = "demo"

// StaffSettings let the people of the demonstration hear of things at once:
// whoever looks on does not wait for another region's morning.
func StaffSettings() domain.StaffSettings {
	return domain.StaffSettings{Digest: domain.UsualStaffSettings().Digest, Mail: true}
}

// People are invented: one for every role, in both regions. The name says the
// role.
func People() []domain.User {
	var out []domain.User
	for _, r := range []struct{ region, code, body, below string }{
		{"khabarovsk", "27", "adm-khabarovsk-city", "khab-housing"},
		{"kaliningrad", "39", "adm-kaliningrad-city", "kgd-city-services"},
	} {
		for _, p := range []struct {
			login, name, position, agency string
			role                          domain.Role
		}{
			{"analyst", "Анна Аналитик", "аналитик ЦУР", "", domain.RoleAnalyst},
			{"analystb", "Алексей Аналитик", "аналитик ЦУР", "", domain.RoleAnalyst},
			{"coordinator", "Олег Координатор", "специалист по работе с обращениями", r.body, domain.RoleCoordinator},
			{"executor", "Илья Исполнитель", "ведущий специалист", r.below, domain.RoleExecutor},
			{"head", "Раиса Руководитель", "заместитель главы администрации", r.body, domain.RoleHead},
			{"curator", "Игорь Куратор", "первый заместитель главы", r.body, domain.RoleCurator},
			{"controller", "Клара Контролёр", "контроль сроков", "", domain.RoleController},
			{"admin", "Антон Администратор", "администратор региона", "", domain.RoleAdministrator},
			{"reader", "Рита Читатель", "помощник губернатора", "", domain.RoleReader},
		} {
			out = append(out, domain.User{Region: r.region, Login: p.login + r.code, Name: p.name, Position: p.position, Restricted: named(p.login),
				Offices: []domain.Office{{Role: p.role, AgencyID: p.agency}}})
		}
	}
	return out
}

// named are who sees restricted cases: an analyst, the head of a body and the
// controller. Somebody must be, or such cases wait where nobody looks.
func named(login string) bool { return login == "analyst" || login == "head" || login == "controller" }
