from django.apps import AppConfig


class AttributionsConfig(AppConfig):
    name = "attributions"
    verbose_name = "Les ménages"

    def ready(self) -> None:
        from attributions.households.imports.candidates import Candidates  # our modules wait for the apps
        from attributions.households.imports.committees import Committees
        from attributions.households.imports.outcomes import Outcomes
        from attributions.households.imports.past_candidates import PastCandidates
        from attributions.households.imports.sne import Requests
        from reservations.imports.kinds import register

        register(Candidates())
        register(Committees())
        register(Outcomes())
        register(PastCandidates())
        register(Requests())
