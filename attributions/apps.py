from django.apps import AppConfig


class AttributionsConfig(AppConfig):
    name = "attributions"
    verbose_name = "Les ménages"

    def ready(self) -> None:
        from attributions.bilan.exports.lists import SentBalances  # our modules wait for the apps
        from attributions.bilan.imports.corrections import Corrections
        from attributions.bilan.imports.papers import BalancesBack
        from attributions.bilan.queries.since import printed_on_versions
        from attributions.controls import CONTROLS
        from attributions.households.exports.lists import SealedMinutes
        from attributions.households.imports.candidates import Candidates
        from attributions.households.imports.committees import Committees
        from attributions.households.imports.households import Households
        from attributions.households.imports.outcomes import MinutesBack, Outcomes
        from attributions.households.imports.past_candidates import PastCandidates
        from attributions.households.imports.sne import Requests
        from attributions.households.imports.transmissions import Transmissions
        from attributions.mails.facts import register as register_facts
        from flux.controls import register as register_controls
        from flux.operations.audit import register_printed
        from reservations.exports.papers import register as register_papers
        from reservations.imports.kinds import register
        from reservations.imports.papers import register as register_folder

        register_controls(*CONTROLS)
        register_facts()
        register_printed(printed_on_versions)
        register(Candidates())
        register(Committees())
        register(Corrections())
        register(Households())
        register(Outcomes())
        register(PastCandidates())
        register(Requests())
        register(Transmissions())
        register_papers(SentBalances())
        register_papers(SealedMinutes())
        register_folder(BalancesBack())
        register_folder(MinutesBack())
