package io.signalbox.verticles.registry;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.AttachAgent;
import io.signalbox.codecs.proto.Attach;
import io.signalbox.codecs.proto.Skill;
import io.signalbox.verticles.registry.Definition.DeclaredSkill;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Turns a client's wish to attach into one that the directory can judge: definition looked up, everything checked. */
final class AttachRequests {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,199}");
    private static final Pattern SKILL = Pattern.compile("[a-z0-9]+([.-][a-z0-9]+)*");
    private static final int MAX_SKILLS = 100;
    private static final int MAX_TAGS = 50;
    private static final int MAX_SLOTS = 10_000;

    private AttachRequests() {}

    /** @throws ServiceException {@code INVALID_ARGUMENT} or {@code NOT_FOUND} */
    static AgentDirectory.Request read(AttachAgent request, FollowedDefinitions definitions) {
        Attach attach = request.getAttach();
        if (!ID.matcher(attach.getId()).matches()) {
            throw invalid("agent id '" + attach.getId() + "': letters, digits, . _ @ - up to 200");
        }
        if (attach.getTagsCount() > MAX_TAGS) {
            throw invalid("more than " + MAX_TAGS + " tags");
        }
        int slots = attach.getSlots();
        if (slots < 0 || slots > MAX_SLOTS) {
            throw invalid("slots " + Integer.toUnsignedString(slots) + ", must be up to " + MAX_SLOTS);
        }
        if (attach.getDefinition().isEmpty()) {
            return request(request, "", ownSkills(attach), Math.max(1, slots), attach.getTagsMap());
        }
        Definition definition = definitions
                .find(attach.getDefinition(), attach.getId())
                .orElseThrow(
                        () -> new ServiceException(Code.NOT_FOUND, "no definition '" + attach.getDefinition() + "'"));
        Map<String, String> tags = new HashMap<>(definition.tags());
        tags.putAll(attach.getTagsMap());
        return request(
                request,
                FollowedDefinitions.isChannel(attach.getDefinition()) ? attach.getDefinition() : definition.reference(),
                skillsOf(definition, attach),
                slots > 0 ? slots : definition.slots(),
                tags);
    }

    private static AgentDirectory.Request request(
            AttachAgent request, String definition, List<Skill> skills, int slots, Map<String, String> tags) {
        return new AgentDirectory.Request(
                request.getAttach().getId(),
                definition,
                skills,
                slots,
                tags,
                request.getNode(),
                request.getSubject(),
                request.getSession(),
                request.getAttach().getHeldList());
    }

    private static List<Skill> ownSkills(Attach attach) {
        if (attach.getSkillsCount() > MAX_SKILLS) {
            throw invalid("more than " + MAX_SKILLS + " skills");
        }
        return attach.getSkillsList().stream()
                .map(AttachRequests::ownSkill)
                .distinct()
                .toList();
    }

    private static Skill ownSkill(Skill skill) {
        if (skill.getName().length() > 200 || !SKILL.matcher(skill.getName()).matches()) {
            throw invalid("skill '" + skill.getName() + "': lower-case words and digits joined by . or -");
        }
        return Skill.newBuilder()
                .setName(skill.getName())
                .setVersion(SkillRange.version(skill.getVersion()).toString())
                .build();
    }

    private static List<Skill> skillsOf(Definition definition, Attach attach) {
        if (attach.getSkillsCount() == 0) {
            return skillsOf(definition);
        }
        if (FollowedDefinitions.isChannel(attach.getDefinition())) {
            throw invalid("an agent that follows a channel has the skills of the version that it is given; name none");
        }
        return attach.getSkillsList().stream()
                .map(wanted -> definition
                        .skill(wanted.getName())
                        .filter(declared -> wanted.getVersion().isEmpty()
                                || declared.version().toString().equals(wanted.getVersion()))
                        .map(AttachRequests::skill)
                        .orElseThrow(() -> invalid("definition " + definition.reference() + " has no skill "
                                + wanted.getName() + " " + wanted.getVersion())))
                .distinct()
                .toList();
    }

    static List<Skill> skillsOf(Definition definition) {
        return definition.skills().stream().map(AttachRequests::skill).toList();
    }

    private static Skill skill(DeclaredSkill declared) {
        return Skill.newBuilder()
                .setName(declared.name())
                .setVersion(declared.version().toString())
                .build();
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(Code.INVALID_ARGUMENT, message);
    }
}
