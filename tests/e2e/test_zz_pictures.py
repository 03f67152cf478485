import json, polib, pathlib, pytest
from django.core.files.base import ContentFile
from tests.factories import *
from tests.fake_elevenlabs import mp3
from tests.voice.records import *
from voice import processing, recordings
from voice.models import *
from vacancies.models import *
from interviews.models import *
LOOKS=[("desktop-light",1280,"light"),("desktop-dark",1280,"dark"),("phone-light",360,"light"),("phone-dark",360,"dark")]
@pytest.fixture(params=LOOKS, ids=lambda l:l[0])
def look(request): return request.param
@pytest.fixture(params=["ru","en"])
def language(request): return request.param
@pytest.fixture
def browser_context_args(browser_context_args, look, language):
    return browser_context_args|{"viewport":{"width":look[1],"height":900},"color_scheme":look[2],"locale":language}
@pytest.fixture(autouse=True)
def loc(settings,tmp_path_factory):
    d=tmp_path_factory.mktemp("l")/"ru"/"LC_MESSAGES"; d.mkdir(parents=True)
    po=polib.POFile(); po.metadata={"Content-Type":"text/plain; charset=UTF-8","Plural-Forms":polib.pofile("locale/ru/LC_MESSAGES/django.po").metadata["Plural-Forms"]}
    for k,v in json.load(open("/tmp/ru_transcripts.json")).items():
        if isinstance(v,list): po.append(polib.POEntry(msgid=k,msgid_plural=k+"s",msgstr_plural=dict(enumerate(v))))
        else: po.append(polib.POEntry(msgid=k,msgstr=v))
    po.save_as_mofile(str(d/"django.mo"))
    settings.LOCALE_PATHS=[str(d.parent.parent),*settings.LOCALE_PATHS]
def test_p(hr_page, live_server, look, language, complaints):
    page=hr_page
    v=VacancyFactory(title="Старший инженер", language="ru")
    qs=["Расскажите о вашем опыте работы в команде.","Почему вы ушли с прошлого места?","Какой проект за последние годы вы считаете самым удачным и что именно в нём было вашей заслугой?","Когда вы могли бы начать?","Какую зарплату вы ожидаете?"]
    for n,q in enumerate(qs,1): QuestionFactory(vacancy=v,order=n,text=q)
    s=SessionFactory(vacancy=v,started=True,started_at=STARTED_AT,candidate__name="Анна Смирнова")
    conversation_of(s,"conv_a"); 
    ProgressFactory(session=s,question=v.questions.get(order=1),answer_text="Руководила командой из пяти человек.",timestamp=STARTED_AT+timedelta(seconds=35))
    A="Ну, смотрите, нас было пятеро, и я, значит, за всё отвечала: за планы, за людей, за сроки. "*3
    processing.process(event(record("conv_a",("agent","Здравствуйте! Это интервью проведёт голосовой помощник."),("agent",qs[0]),("me",A),("tool","save_answer"),("agent","Спасибо. Скажите, почему же вы ушли с места, где работали?"),("me","Компания закрылась."),("tool","get_next_question"),("agent",qs[3]),("me","Да хоть завтра"),has_audio=True)).pk)
    conversation_of(s,"conv_b")
    processing.process(event(record("conv_b",("agent",qs[3]),("me","Завтра."),("tool","save_answer"),has_audio=True,metadata={"start_time_unix_secs":START+600})).pk)
    ConversationFactory(id="conv_c",session=s); CallFactory(conversation_id="conv_c")
    recordings.save(Call.objects.get(pk="conv_a"),ContentFile(mp3.silence(90)))
    page.goto(f"/admin/interviews/interviewsession/{s.pk}/change/")
    page.wait_for_load_state("networkidle")
    for d in page.locator(".call details").all(): d.evaluate("d=>d.open=true")
    page.wait_for_timeout(300)
    w=page.evaluate("document.documentElement.scrollWidth")
    over=page.evaluate("[...document.querySelectorAll('.card *')].filter(e=>e.getBoundingClientRect().right>innerWidth+1).map(e=>e.className||e.tagName)")
    print(look,language,w,over,complaints)
    if look[0]=="desktop-light" and language=="ru":
        r=page.evaluate("""async()=>{const a=document.querySelector('.turn audio');a.muted=true;a.preload='auto';a.load();await new Promise((ok,no)=>{a.onloadedmetadata=ok;a.onerror=()=>no(a.error.message)});await a.play();await new Promise(r=>setTimeout(r,500));const t=a.currentTime;a.currentTime=60;await new Promise(r=>a.onseeked=r);return [a.src,a.duration,t,a.currentTime]}""")
        print("AUDIO",r)
    pathlib.Path("/tmp/pics").mkdir(exist_ok=True)
    page.screenshot(path=f"/tmp/pics/{look[0]}-{language}.png",full_page=True)
    assert complaints==[] and over==[]
