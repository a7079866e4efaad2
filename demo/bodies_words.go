package demo

import "github.com/otklik/otklik/domain"

// invented marks every text of the simulated bodies.
const invented = " (вымышлено для показа)"

// proof is where a simulated answer stands: an address that leads nowhere.
const proof = "https://example.org/pokaz"

// pick takes one of some texts by a case's id, marked as invented.
func pick(texts []string, id int64) string { return texts[int(id)%len(texts)] + invented }

// inventedPerson is somebody of a body who does not exist; the name says the role.
func inventedPerson(region, body string, role domain.Role) (login, name, position string) {
	first := []string{"Мария", "Сергей", "Ольга", "Павел", "Ирина", "Виктор", "Нина", "Глеб", "Зоя", "Тимур", "Лидия", "Юрий"}
	sum := 0
	for _, r := range region + body + string(role) {
		sum += int(r)
	}
	word, prefix := "Исполнитель", "isp"
	if role == domain.RoleHead {
		word, prefix = "Руководитель", "ruk"
	}
	return prefix + codeOf(region) + "." + body, first[sum%len(first)] + " " + word, "вымышленный сотрудник"
}

// codeOf is the number in the logins of a region.
func codeOf(region string) string {
	return map[string]string{"khabarovsk": "27", "kaliningrad": "39"}[region]
}

func isVisitor(login string) bool {
	for _, u := range People() {
		if u.Login == login {
			return true
		}
	}
	return false
}

func solutions() []string {
	return []string{
		"Здравствуйте! Сообщение проверили с выездом, недостаток устранён. Спасибо, что написали.",
		"Добрый день. Замечание подтвердилось; всё, о чём вы написали, исправлено и принято комиссией.",
		"Здравствуйте. Вопрос решён, ответственные предупреждены. За повторением следим.",
	}
}

func explanations() []string {
	return []string{
		"Здравствуйте! Вопрос включён в план на следующий квартал; о начале работ сообщим здесь же.",
		"Добрый день. Сообщение проверили на месте. По нормативу нарушения нет, но за обстановкой наблюдаем.",
		"Здравствуйте. Порядок установлен законом, изменить его орган не может. Куда обратиться, пояснили в личном сообщении.",
		"Добрый день. За это отвечает частный собственник; ему направлено требование с указанием срока.",
	}
}

func interims() []string {
	return []string{
		"Здравствуйте! Сообщение принято в работу, специалисты выезжают на место. О результате напишем здесь же.",
		"Добрый день. Заказаны материалы, работы начнутся на этой неделе. Напишем, когда закончим.",
	}
}

func beginnings() []string {
	return []string{"Здравствуйте! По вашему сообщению", "Добрый день. Специалисты проверили"}
}

func remarks() []string {
	return []string{"Назовите срок и ответственного.", "Ответьте по существу: житель спрашивал, когда.", "Уберите канцелярит."}
}

func questions() []string {
	return []string{"Уточните, пожалуйста, подъезд и этаж.", "Подскажите, с какого дня это продолжается?", "Пришлите, пожалуйста, фотографию места."}
}

func sendBackWords() []string {
	return []string{"Объект на балансе другого органа.", "Дорога не наша: она в краевой собственности.", "Вопрос не входит в полномочия органа."}
}

func deferReasons() []string {
	return []string{"Торги на подрядчика завершатся позже срока.", "Работы возможны только при плюсовой температуре."}
}

func deferNotices() []string {
	return []string{"Здравствуйте! Работы начнутся после торгов, мы сообщим о результате.", "Добрый день. Сделаем, как только позволит погода, и напишем вам."}
}
