"""First names that are, nearly everywhere, a man's or a woman's: whom a *he* or *she* may mean.

Written for this project. Names that are both (Kim, Jean, Andrea, Sasha, Nikita, Alex) are left out, and names of other kinds of
things (Paris, Jordan, Chelsea, Florence) too.
"""

from __future__ import annotations

from stance.names import THINGS, Name, remembered

MEN = frozenset(
    """
    aaron abdul abdullah abdulrahman abel abraham adam adrian agustin ahmad ahmed ahmet alan albert alberto alejandro
    aleksandar aleksandr aleksei alessandro alexander alexandre alexandru alexei alfonso alfred alfredo ali allan allen alvaro
    amir anatoly anders andre andreas andrei andres andrew andrey andriy andrzej angus anthony antoine anton antonio antony
    anwar arjun armando arnaud arnold arthur arturo arun ashok augusto barack barry bartosz bashar bassam benedict benjamin
    benoit bernard bernardo bernd bernie bill binyamin bjorn bob bogdan bojan boris brad bradley brandon brendan brett brian
    bruce bruno bryan calvin carl carlos cedric cesar charles charlie christian christoph christophe christopher chuck claudio
    clement clive colin conor craig curtis cyril cyrus damian damien dan daniel daniele danilo danny darren dave david davide
    dean denis dennis derek dick diego dieter dimitri dimitris dirk dmitri dmitry dominic dominik don donald doug douglas
    duncan dustin dylan eamon ed eddie edgar eduardo edward edwin efraim eitan elias elijah elliott emil emilio emmanuel
    enrico enrique eric erik ernest ernesto erwin esteban ethan eugene evan evgeny fabian fabio fabrice faisal farid federico
    felipe felix ferdinand fernando fidel filip florian francesco francisco franck franco francois frank frankie franz fred
    frederic frederick friedrich gareth gary gavin gennady geoff geoffrey george georges georgi georgios gerald gerard gerhard
    giacomo gianni gideon gilbert gilles giorgio giorgos giovanni giuseppe glen glenn goran gordon graham grant greg gregor
    gregory grigory guido guillaume guillermo gunther gustavo hamid hamza hannes hans harald harold harry hasan hassan hector
    heinrich helmut henri henrik henry herbert herman hiroshi horst howard hugh hugo hussein ian ibrahim ignacio igor ilham
    ilya imran isaac ismail ivan ivo jack jacob jacques jaime jair jake jakob jakub james janez janusz jared jaroslaw jason
    javier jay jeff jeffrey jens jeremy jerome jerry jesus jim jimmy joachim joao joaquin joe joel joerg johan johann johannes
    john johnny jon jonas jonathan jorge jose josef joseph joshua josip juan julian julien julio junichiro juri justin kamal
    karel karim karl karol kazimierz keith kemal ken kenji kenneth kenta kevin khaled khalid kofi konrad konstantin krzysztof
    kurt kwame kyle larry lars laszlo laurent lawrence leo leonard leonardo leonid leopoldo lionel liviu lloyd lorenzo louis
    luca lucas luigi luis luiz lukas luke maciej mahmoud malcolm manfred manuel marc marcel marcelo marcin marco marcos marcus
    marek mario mark marko markus martin marty marwan massimo mateo mateusz mathieu matt matteo matthew matthias matthieu
    maurice mauricio mauro max maxim maxime mehmet michael michal michel mick miguel mihai mike mikhail miklos milan milorad
    milos miroslav mitch mitt mohamed mohammad mohammed moises moshe muhammad mukesh murat mustafa naftali narendra nasser
    nathan nathaniel neil nelson nicholas nick nicolae nicolas nigel nikolai nikolay nikos noah norman octavio oleg oleksandr
    oleksiy oliver olivier olusegun omar oscar osman otto pablo paolo pascal patrick paul paulo pavel pawel pedro perry peter
    petr petro petros phil philip philippe pierre piers piotr prakash rafael rahul rajesh rajiv ralph ramon ramzan randy
    raphael rashid raul ravi ray raymond recep reinhard renato ricardo riccardo richard rick rob robert roberto rodrigo roger
    roland rolf roman romano ron ronald roy ruben rudolf rudy rupert russell ryan saad sajid salman salvador salvatore samir
    samuel sanjay satoshi scott sean sebastian serge sergei sergey sergio sergiy seth shaun shigeru shinzo shlomo siegfried
    silvio simon slobodan spencer stan stanislav stefan stefano stephan stephane stephen steve steven stuart sven sylvain
    tadeusz takashi tariq taro tayyip ted terrence thabo theodore thierry thomas thorsten tim timothy tobias todd tom tomas
    tomasz tommy tony travis trevor umberto uwe vaclav valery vasily victor viktor vincent vincenzo vinod vitali vitaly
    vladimir volodymyr vyacheslav walid wallace walter warren wayne werner wesley wilhelm will willem william winston wolfgang
    xavier yair yasser yevgeny yitzhak yosef yoshihide yousef yuri yusuf yves zachary zbigniew zoltan
    """.split()
)
WOMEN = frozenset(
    """
    abigail adriana adwoa agata agnes agnieszka aicha aisha akua alejandra aleksandra alessandra alexandra alice alicia alison
    allison alma amalia amanda amber amelia amina amy ana anastasia andreea angela angelika angelina anita anja anke ann anna
    annabel anne annegret annette annie anya arlene astrid audrey aurelie aurora ayesha aylin barbara beatrice beatriz bella
    benazir bernadette bertha beth bethany betsy betty beverly bianca birgit blanca bozena brenda bridget brigitte britta
    camila camilla candace carla carmen carol caroline carolyn cassandra catalina caterina catherine cathy cecilia celeste
    celia chantal cheryl chiamaka chiara chloe christiane christina christine chrystia cindy claire clara claudia claudine
    colette colleen concepcion consuelo cora corinne cornelia cristina cynthia daniela danielle daphne darya debbie deborah
    debra deirdre delia denise diana diane dilma dina dolores donna dora doris dorothea dorothy edith eileen ekaterina elaine
    elena eleni elisa elisabeth elise eliza elizabeth ella ellen elsa elvira emilia emily emma erica erika esmeralda esther
    eugenia eva eve evelyn ewa fatima fatma fatou federica felicia fernanda fiona flora francesca francoise frauke frederica
    frida gabriela gabriella gabrielle gail galina genevieve georgina geraldine gertrude ghada gillian gina giorgia giovanna
    gisela giulia gloria grace greta gretchen gwen gwendolyn hadiza halima halina hana hanan hanna hannah harriet heather
    heidi helen helene helga hilary hilda hillary hina hiroko hoda huda iman imelda ines ingrid irena irene irina iris isabel
    isabella isabelle ivana ivanka jacinda jacqueline jadwiga jana jane janet janice janine jasmin jasmine jeanette jeanne
    jelena jenna jennifer jenny jessica jill joanna joanne jocelyn johanna jolanta josefina josephine joyce juana juanita
    judith judy julia juliana julianne julie juliet julieta kaja kamala karen karin karina karla katarina kate katerina
    katharina katherine kathleen kathryn kathy katie katja katrin katrina keiko kerstin khadija kirsten kirsty klara
    kristalina kristen kristin kristina kristine laila lara latifa laura lauren leah leila lena leonor leticia letitia leyla
    lidia lila lilian liliana lily linda lisa lise liz liza lola lorena loretta lorraine louisa louise lourdes lubna lucia
    luciana lucie lucy ludmila luisa lydia lynn lyudmila mabel maeve magda magdalena maggie maia maja malgorzata mandy manuela
    mara marcela marcia margaret margarita margit margot margrethe maria mariam mariana marianne marie mariella marielle
    marina marisol marissa marjorie marlene marta martha martina mary maryam matilda maureen maya meg megan melania melanie
    melinda melissa meredith meryl mette mia michaela michelle mildred milena mina mira miranda mireille miriam moira mona
    monica monika monique muriel nabila nadia nadine nadja najat nancy naomi natalia natalie nataliya natasha nathalie neha
    nicole nikki nina noemi nora noura nuria oksana olena olga olivia oprah paloma pamela patricia patrizia paula paulina
    pauline peggy penelope penny petra philippa phyllis pilar polly priscilla priti priya rachel rania rebecca renata renee
    rhonda rita roberta rocio rosa rosalia rosemary rosie roxana ruth sabine sabrina sadia safia sally salma samantha samira
    sandra sanna sara sarah saskia selma shabana shakira sharon sheila shelly shirley sigrid silvia simona sinead soledad
    solveig sonia sonja sophia sophie soraya stacey stefania stella stephanie sue sunita susan susana susanna susanne suzanne
    svetlana sylvia sylvie tamara tania tanja tanya tara tatiana teresa tessa theresa therese tina tulsi tzipi ulrike ursula
    valentina valeria valerie vanessa vera veronica veronika veronique viktoria violeta viviana wanda wendy wilma xiomara yael
    yasmin yelena yevgenia ylva yolanda yulia yuliya yvette yvonne zahra zainab zanele zoe zofia zsuzsanna zuzana
    """.split()
)


@remembered
def gender_of(text: str, kind: str) -> frozenset[str]:
    """What the first name of a person's full name tells: male, female or nothing."""
    words = Name.of(text).words
    if kind != "name" or len(words) < 2 or words[-1] in THINGS:  # Victor Harbour Hospital
        return frozenset()
    return frozenset({"male"} if words[0] in MEN else {"female"} if words[0] in WOMEN else ())
